export interface Violation {
  rule: string;
  from: string;
  to: string;
}
export function cruise(root: string): Promise<Violation[]>;
export function boundaries(root: string): Promise<{ exitCode: number; output: string }>;
