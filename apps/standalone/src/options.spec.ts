import { describe, expect, it } from 'vitest';
import { OptionError, parseOptions } from './options.mjs';

describe('options of npm start', () => {
  it('reads port and data folder', () => {
    expect(parseOptions(['--port', '18080', '--data', '/srv/darb'])).toEqual({
      help: false,
      port: 18080,
      data: '/srv/darb',
    });
  });

  it('leaves out what is not given', () => {
    expect(parseOptions([])).toEqual({ help: false, port: undefined, data: undefined });
  });

  it.each([
    [['--prot', '1'], /Unknown option '--prot'/],
    [['--port', 'http'], /--port must be a number/],
    [['--port', '70000'], /--port must be a number/],
    [['--port'], /--port/],
    [['--data', ''], /--data needs/],
    [['start'], /start/],
  ])('refuses %j with a sentence', (args, sentence) => {
    expect(() => parseOptions(args)).toThrow(OptionError);
    expect(() => parseOptions(args)).toThrow(sentence);
  });
});
