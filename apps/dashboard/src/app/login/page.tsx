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
  const lanes = Array.from({ length: 9 }, (_, index) => index);
  return (
    <div aria-hidden="true" className="relative hidden overflow-hidden border-l bg-sunken lg:block">
      <svg
        viewBox="0 0 600 800"
        preserveAspectRatio="xMidYMid slice"
        fill="none"
        className="absolute inset-0 size-full"
      >
        {lanes.map((lane) => (
          <path
            key={lane}
            d={`M-60 ${120 + lane * 26}h${250 + lane * 4}a${250 - lane * 26} ${250 - lane * 26} 0 0 1 0 ${500 - lane * 52}H-60`}
            stroke={lane === 4 ? 'var(--primary)' : 'var(--border-strong)'}
            strokeWidth={lane === 4 ? 15 : 1.25}
            opacity={lane === 4 ? 1 : 0.75}
          />
        ))}
        <path
          d="M-60 224h326a146 146 0 0 1 0 292H-60"
          stroke="var(--saffron)"
          strokeWidth="2"
          strokeLinecap="round"
          strokeDasharray="11 13"
        />
      </svg>
    </div>
  );
}
