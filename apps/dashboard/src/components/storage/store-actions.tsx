'use client';

import { useQueryClient } from '@tanstack/react-query';
import { EyeIcon, ShieldCheckIcon, Trash2Icon, WrenchIcon } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { api, type Job, type StoreStorage } from '../../lib/api';
import { newIdempotencyKey } from '../../lib/browser';
import { formatBytes, plural } from '../../lib/format';
import { applyJob } from '../../live/apply-events';
import { OfflineNote, SendButton } from '../common/send-button';
import { useSend } from '../common/use-send';
import { Button } from '../ui/button';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter } from '../ui/dialog';

type Work = 'preview' | 'collect' | 'verify' | 'repair';

/** Asks for work on a store; it appears below as a job. */
function useStoreWork(store: StoreStorage, onDone?: () => void) {
  const client = useQueryClient();
  return useSend<{ jobs: Job[] }, Work>({
    send: (work, signal) => {
      const key = newIdempotencyKey();
      return work === 'preview' || work === 'collect'
        ? api.collectStorage({ dry_run: work === 'preview', store_id: store.id }, key, signal)
        : api.verifyStorage({ repair: work === 'repair', store_id: store.id }, key, signal);
    },
    onSuccess: ({ jobs }) => {
      for (const job of jobs) applyJob(client, job);
      onDone?.();
    },
    onError: (error) => toast.error(error.message),
  });
}

export function StoreActions({ store }: { store: StoreStorage }) {
  const [isCollecting, setCollecting] = useState(false);
  const preview = useStoreWork(store);
  const verify = useStoreWork(store);
  return (
    <div className="flex flex-wrap gap-2">
      <SendButton
        size="sm"
        title="Says what a collection would delete, and deletes nothing"
        isPending={preview.isPending}
        onClick={() => preview.send('preview')}
      >
        {preview.isPending ? null : <EyeIcon />} Preview collection
      </SendButton>
      <Button size="sm" onClick={() => setCollecting(true)}>
        <Trash2Icon /> Collect now
      </Button>
      <SendButton
        size="sm"
        title="Looks at every tree; what is damaged is rebuilt afterwards"
        isPending={verify.isPending}
        onClick={() => verify.send('verify')}
      >
        {verify.isPending ? null : <ShieldCheckIcon />} Verify now
      </SendButton>
      {store.damaged.count > 0 ? (
        <SendButton
          size="sm"
          title="Builds the damaged trees again that revisions need"
          isPending={verify.isPending}
          onClick={() => verify.send('repair')}
        >
          {verify.isPending ? null : <WrenchIcon />} Rebuild damaged
        </SendButton>
      ) : null}
      <CollectDialog store={store} open={isCollecting} onOpenChange={setCollecting} />
    </div>
  );
}

interface CollectDialogProps {
  store: StoreStorage;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

function CollectDialog({ store, open, onOpenChange }: CollectDialogProps) {
  const collect = useStoreWork(store, () => onOpenChange(false));
  const { count, bytes } = store.collectable;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) collect.cancel();
        onOpenChange(next);
      }}
    >
      <DialogContent
        className="sm:max-w-md"
        heading="Collect unused trees?"
        description={
          count === 0
            ? 'Right now there is nothing to delete but what crashed workers may have left.'
            : `Deletes ${plural(count, 'tree')} (${formatBytes(bytes)}) that no revision needs. They can be built again from their lockfiles.`
        }
      >
        <DialogBody className="empty:hidden" />
        <DialogFooter className="mt-3">
          <OfflineNote />
          <DialogClose asChild>
            <Button variant="ghost">Cancel</Button>
          </DialogClose>
          <SendButton variant="primary" isPending={collect.isPending} onClick={() => collect.send('collect')}>
            Collect
          </SendButton>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
