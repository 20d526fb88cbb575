import { Fragment } from 'react';

/** A sentence of the API, with what stands in backticks as code. */
export function Prose({ text }: { text: string }) {
  return text.split('`').map((part, index, all) =>
    // Every other part is code; an odd backtick at the end opens nothing.
    index % 2 === 1 && index < all.length - 1 ? (
      <code key={index} className="rounded-[4px] bg-current/8 px-1 py-px font-mono text-[0.92em]">
        {part}
      </code>
    ) : (
      <Fragment key={index}>{index % 2 === 1 ? `\`${part}` : part}</Fragment>
    ),
  );
}
