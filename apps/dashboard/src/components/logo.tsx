import { cn } from '../lib/cn';

/** A road that closes into a D: darb is a way. The lane marking is the one touch of saffron in the frame. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" fill="none" aria-hidden="true" className={cn('size-6 shrink-0', className)}>
      <path d={ROAD} stroke="var(--primary)" strokeWidth="8" strokeLinejoin="round" />
      <path
        d={ROAD}
        stroke="var(--lane)"
        strokeWidth="1.7"
        strokeDasharray="3.5 3.6"
        strokeDashoffset="-1.5"
      />
    </svg>
  );
}

const ROAD = 'M6.5 6.5h7.5a9.5 9.5 0 0 1 0 19H6.5Z';

export function Logotype({ className }: { className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-2', className)}>
      <LogoMark />
      <span className="text-[1.1875rem] leading-none font-[640] tracking-[-0.035em]">darb</span>
    </span>
  );
}
