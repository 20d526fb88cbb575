import { cn } from '../lib/cn';

/** A road that bends into a D: darb is a way. The lane marking is the one touch of saffron in the frame. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" fill="none" aria-hidden="true" className={cn('size-6 shrink-0', className)}>
      <path
        d="M7 5.5h7.5a10.5 10.5 0 0 1 0 21H7"
        stroke="var(--primary)"
        strokeWidth="9"
        strokeLinejoin="round"
      />
      <path d="M2.5 26.5H7M2.5 5.5H7" stroke="var(--primary)" strokeWidth="9" opacity="0" />
      <path
        d="M4 5.5h10.5a10.5 10.5 0 0 1 0 21H4"
        stroke="var(--saffron)"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeDasharray="3.4 3.9"
        strokeDashoffset="-1"
      />
    </svg>
  );
}

export function Logotype({ className }: { className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-2.5', className)}>
      <LogoMark />
      <span className="text-[1.1875rem] leading-none font-[640] tracking-[-0.035em]">darb</span>
    </span>
  );
}
