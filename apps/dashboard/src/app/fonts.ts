import localFont from 'next/font/local';

/**
 * Geist from npm, so that a build fetches nothing. next/font preloads the files and gives the fallback font the same
 * measures, so nothing moves when they arrive. Letters that the Latin files lack come from the system's font.
 */
const sans = localFont({
  src: '../../node_modules/@fontsource-variable/geist/files/geist-latin-wght-normal.woff2',
  variable: '--font-geist',
  weight: '100 900',
  display: 'swap',
});

const mono = localFont({
  src: '../../node_modules/@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2',
  variable: '--font-geist-mono',
  weight: '100 900',
  display: 'swap',
  adjustFontFallback: false,
  fallback: ['ui-monospace', 'Cascadia Code', 'Menlo', 'monospace'],
});

export const fontVariables = `${sans.variable} ${mono.variable}`;
