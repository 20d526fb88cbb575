import { NotFound } from '../components/common/not-found';

export default function RootNotFound() {
  return (
    <main className="flex min-h-dvh flex-col">
      <NotFound what="page" />
    </main>
  );
}
