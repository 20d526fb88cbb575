import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

/** One file of an archive. The same entries give the same bytes: no clock, no owner, no host. */
export interface ArchiveEntry {
  path: string;
  data: Buffer | string;
  /** Unix permission bits; 0644 when left out. */
  mode?: number;
}

/** 1980-01-01, the first day that a zip can name. */
const DOS_DATE = (1 << 5) | 1;

/** A zip archive; small and incompressible files are stored as they are. */
export function zip(entries: ArchiveEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data);
    const deflated = data.length > 128 ? deflateRawSync(data, { level: 1 }) : data;
    const isSmaller = deflated.length < data.length;
    const body = isSmaller ? deflated : data;
    const name = Buffer.from(entry.path);

    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2); // names are UTF-8
    common.writeUInt16LE(isSmaller ? 8 : 0, 4);
    common.writeUInt16LE(DOS_DATE, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, body);

    const trailer = Buffer.alloc(14);
    trailer.writeUInt32LE(((0o100000 | (entry.mode ?? 0o644)) << 16) >>> 0, 6);
    trailer.writeUInt32LE(offset, 10);
    // 0x0314: made by Unix, so that the permission bits count.
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, trailer, name);
    offset += 4 + common.length + name.length + body.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

/** A gzipped ustar archive. */
export function tarGz(entries: ArchiveEntry[]): Buffer {
  const blocks: Buffer[] = [];
  for (const entry of entries) {
    const data = Buffer.from(entry.data);
    const header = Buffer.alloc(512);
    const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0') + '\0';
    header.write(entry.path, 0);
    header.write(octal(entry.mode ?? 0o644, 7), 100);
    header.write(octal(0, 7), 108);
    header.write(octal(0, 7), 116);
    header.write(octal(data.length, 11), 124);
    header.write(octal(0, 11), 136);
    header.write(' '.repeat(8), 148);
    header.write('0', 156);
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, data, Buffer.alloc((512 - (data.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]), { level: 1 });
}
