import { describe, expect, it } from 'vitest';
import { cookieName } from './session-cookie';

describe('cookieName', () => {
  it('carries the instance, so that two Darbs on one host keep apart', () => {
    expect(cookieName({ instance: 'a1', publicUrl: null })).toBe('darb_session_a1');
    expect(cookieName({ instance: 'a1', publicUrl: 'http://darb.example.org' })).toBe('darb_session_a1');
  });

  it('is bound to its host under https', () => {
    expect(cookieName({ instance: 'a1', publicUrl: 'https://darb.example.org' })).toBe(
      '__Host-darb_session_a1',
    );
  });
});
