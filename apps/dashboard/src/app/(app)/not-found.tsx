import { NotFound } from '../../components/common/not-found';

export default function AppNotFound() {
  return <NotFound what="page" />;
}
