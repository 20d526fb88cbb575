import { clsx, type ClassValue } from 'clsx';
import { twMerge } from 'tailwind-merge';

/** Class names, where a later one of the same kind wins. */
export function cn(...inputs: ClassValue[]): string {
  return twMerge(clsx(inputs));
}
