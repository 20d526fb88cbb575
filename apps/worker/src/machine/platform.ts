const PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-64',
  'linux-arm64': 'linux-aarch64',
  'darwin-x64': 'osx-64',
  'darwin-arm64': 'osx-arm64',
};

/** Conda's name of this platform, for example `linux-64`. */
export function platformName(): string {
  const key = `${process.platform}-${process.arch}`;
  return PLATFORMS[key] ?? key;
}

/** For example `glibc-2.36`; `musl` or the system's name where it isn't glibc. */
export function libcName(): string {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  if (header.glibcVersionRuntime) return `glibc-${header.glibcVersionRuntime}`;
  return process.platform === 'linux' ? 'musl' : process.platform;
}
