import { formatSpan } from './format';

/** How long things are kept, as sentences. */
const KNOWN: Readonly<Record<string, (span: string) => string>> = {
  tree_seconds: (span) => `A tree that no revision needs is deleted after ${span}.`,
  collect_seconds: (span) => `Unused trees are collected every ${span}.`,
  verify_seconds: (span) => `The trees of a store are verified every ${span}.`,
  log_seconds: (span) => `Logs of jobs are kept for ${span}; how a job ended is kept after that.`,
  claim_seconds: (span) => `Attempts of jobs are kept for ${span}.`,
  document_seconds: (span) => `Manifests and lockfiles that nothing refers to are kept for ${span}.`,
  worker_seconds: (span) => `Workers that are gone are remembered for ${span}.`,
  session_seconds: (span) => `Sessions that have ended are removed after ${span}.`,
};

export function retentionSentences(retention: Readonly<Record<string, number>>): string[] {
  return Object.entries(retention).map(([name, seconds]) => {
    const span = formatSpan(seconds);
    return (
      KNOWN[name]?.(span) ?? `${sentenceCase(name.replace(/_seconds$/, '').replaceAll('_', ' '))}: ${span}.`
    );
  });
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
