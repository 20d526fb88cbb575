import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { LoginForm } from '../../components/login-form';
import { LogoMark } from '../../components/logo';
import { safeReturnPath } from '../../server/return-path';
import { currentUser } from '../../server/user';

export const metadata: Metadata = { title: 'Sign in' };

interface LoginPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function LoginPage({ searchParams }: LoginPageProps) {
  const { next, error } = await searchParams;
  const returnTo = safeReturnPath(next);
  // The page answers when auth is away as well; signing in then says so.
  if (await currentUser().catch(() => null)) redirect(returnTo);
  return (
    <main className="grid min-h-dvh grid-rows-[1fr_auto] lg:grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)] lg:grid-rows-1">
      <div className="grid place-items-center px-6 py-12">
        <div className="w-full max-w-[19.5rem]">
          <LogoMark className="size-9" />
          <h1 className="mt-6 text-2xl font-semibold tracking-[-0.022em]">Sign in to Darb</h1>
          <p className="mt-1.5 mb-7 text-muted-foreground">Your team’s Pixi and uv environments.</p>
          <LoginForm returnTo={returnTo} status={typeof error === 'string' ? Number(error) : null} />
        </div>
      </div>
      <Roads />
    </main>
  );
}

/** Many ways, one of them taken: the page's only ornament. */
function Roads() {
  return (
    <div aria-hidden="true" className="relative hidden overflow-hidden border-l bg-sunken lg:block">
      <svg
        viewBox="0 0 600 800"
        preserveAspectRatio="xMinYMid slice"
        fill="none"
        className="absolute inset-0 size-full"
      >
        {LANES.map((lane) => (
          <path
            key={lane}
            d={lanePath(lane)}
            stroke="var(--border-strong)"
            strokeWidth="1.25"
            opacity="0.8"
          />
        ))}
        <path d={lanePath(TAKEN)} stroke="var(--primary)" strokeWidth="17" />
        <path d={lanePath(TAKEN)} stroke="var(--lane)" strokeWidth="2" strokeDasharray="11 13" />
      </svg>
    </div>
  );
}

const LANES = Array.from({ length: 13 }, (_, index) => index);
const TAKEN = 5;

/** Lanes around one centre, `lane` counted from outside; all come from the left and go back there. */
function lanePath(lane: number): string {
  const radius = 372 - lane * 27;
  return `M-20 ${400 - radius}h210a${radius} ${radius} 0 0 1 0 ${radius * 2}h-210`;
}
