'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { splitToml } from '../../lib/toml';
import { ScrollRegion } from './scroll-region';

const LINE_HEIGHT = 20;

/** A file with line numbers. Only the lines in view are in the page: lockfiles have tens of thousands. */
export function CodeView({ text, label }: { text: string; label: string }) {
  const lines = useMemo(() => text.replace(/\n$/, '').split('\n'), [text]);
  const longest = useMemo(() => lines.reduce((most, line) => Math.max(most, line.length), 0), [lines]);
  const scroller = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- of concern to the React compiler only, which is not used
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 30,
  });
  const gutter = `${String(lines.length).length + 2}ch`;
  return (
    <ScrollRegion
      ref={scroller}
      aria-label={label}
      className="max-h-[70dvh] overflow-auto py-2 font-mono text-xs"
    >
      <div
        className="relative min-w-full"
        style={{ height: virtual.getTotalSize(), width: `calc(${longest}ch + ${gutter} + 2rem)` }}
      >
        {virtual.getVirtualItems().map((item) => (
          <div
            key={item.index}
            className="absolute inset-x-0 top-0 flex hover:bg-hover/50"
            style={{
              height: LINE_HEIGHT,
              lineHeight: `${LINE_HEIGHT}px`,
              transform: `translateY(${item.start}px)`,
            }}
          >
            <span
              aria-hidden="true"
              style={{ width: gutter }}
              className="shrink-0 pr-2 text-right text-faint select-none"
            >
              {item.index + 1}
            </span>
            <code className="pl-2 whitespace-pre">
              {splitToml(lines[item.index]!).map((part, index) => (
                <span key={index} className={TOKEN[part.kind]}>
                  {part.text}
                </span>
              ))}
            </code>
          </div>
        ))}
      </div>
    </ScrollRegion>
  );
}

const TOKEN = {
  plain: '',
  comment: 'text-faint italic',
  header: 'font-semibold text-primary',
  key: 'text-info',
  string: 'text-success',
  value: 'text-warning',
} as const;
