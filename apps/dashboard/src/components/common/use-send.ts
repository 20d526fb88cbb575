'use client';

import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';

interface SendOptions<Answer, Wish> {
  send: (wish: Wish, signal: AbortSignal) => Promise<Answer>;
  onSuccess?: (answer: Answer, wish: Wish) => void;
  onError?: (error: Error) => void;
}

/**
 * Sends what a person asked for, at once or not at all: nothing waits for a connection to come back, and what is
 * still on its way when its dialog closes is given up.
 */
export function useSend<Answer, Wish = void>({ send, onSuccess, onError }: SendOptions<Answer, Wish>) {
  const current = useRef<AbortController | null>(null);
  const { mutate, reset, error, isPending } = useMutation<Answer, Error, Wish>({
    networkMode: 'always',
    retry: false,
    mutationFn: (wish) => {
      const controller = new AbortController();
      current.current = controller;
      return send(wish, controller.signal).catch((cause: unknown) => {
        // Given up by the person: neither a success nor something to report.
        if (controller.signal.aborted) return new Promise<Answer>(() => undefined);
        throw cause;
      });
    },
    ...(onSuccess ? { onSuccess: (answer: Answer, wish: Wish) => onSuccess(answer, wish) } : {}),
    ...(onError ? { onError } : {}),
  });
  const cancel = useCallback(() => {
    current.current?.abort();
    current.current = null;
    reset();
  }, [reset]);
  useEffect(() => () => current.current?.abort(), []);
  return { send: mutate, cancel, error, isPending };
}
