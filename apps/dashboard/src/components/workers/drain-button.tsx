'use client';

import { useQueryClient } from '@tanstack/react-query';
import { PauseIcon, PlayIcon } from 'lucide-react';
import { toast } from 'sonner';
import { api, type Page, type Worker } from '../../lib/api';
import { queries } from '../../lib/queries';
import { SendButton } from '../common/send-button';
import { useSend } from '../common/use-send';

/** Takes a worker out of service, or back into it; what runs on it goes on. */
export function DrainButton({ worker }: { worker: Worker }) {
  const client = useQueryClient();
  const isDrained = worker.drain_requested === true;
  const drain = useSend({
    send: (_, signal) => api.drainWorker(worker.id, !isDrained, signal),
    onSuccess: (answer) => {
      const { queryKey } = queries.workers();
      client.setQueryData<Page<Worker>>(
        queryKey,
        (known) =>
          known && { ...known, items: known.items.map((item) => (item.id === answer.id ? answer : item)) },
      );
      void client.invalidateQueries({ queryKey: queries.queue().queryKey });
    },
    onError: (error) => toast.error(error.message),
  });
  const effect = isDrained
    ? `Lets ${worker.name} take jobs again.`
    : `${worker.name} takes no new jobs. What runs on it goes on to its end.`;
  return (
    <SendButton size="sm" title={effect} isPending={drain.isPending} onClick={() => drain.send()}>
      {drain.isPending ? null : isDrained ? <PlayIcon /> : <PauseIcon />}
      {isDrained ? 'Undrain' : 'Drain'}
    </SendButton>
  );
}
