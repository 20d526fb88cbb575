'use client';

import { Dialog, DialogContent } from '../ui/dialog';
import { CreateForm } from './create-form';

interface CreateDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function CreateDialog({ open, onOpenChange }: CreateDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        heading="New environment"
        description="Darb resolves, locks and installs the packages. You can follow the log."
      >
        <CreateForm onDone={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}
