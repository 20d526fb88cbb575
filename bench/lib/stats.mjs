/** Percentile by nearest rank; `values` need not be sorted. */
export function percentile(values, p) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))];
}

export const median = (values) => percentile(values, 50);

const round = (value) => Math.round(value * 100) / 100;

/** What is kept of one side of a comparison: all values of all rounds, and how far the rounds' medians lie apart. */
export function summarize(rounds) {
  const all = rounds.flat();
  const medians = rounds.map(median);
  return {
    count: all.length,
    p50: round(percentile(all, 50)),
    p99: round(percentile(all, 99)),
    min: round(percentile(all, 0)),
    max: round(percentile(all, 100)),
    round_medians: medians.map(round),
    spread: round(Math.max(...medians) - Math.min(...medians)),
  };
}
