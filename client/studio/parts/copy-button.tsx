/** Puts a text onto the clipboard, and says so. */
import { toast } from '../state/toasts.ts';
import { Icon, type IconName } from './icon.tsx';

interface CopyButtonProps {
  readonly text: string;
  /** What the button says, such as `Copy link`. */
  readonly label: string;
  readonly icon?: IconName;
}

export function CopyButton({ text, label, icon = 'copy' }: CopyButtonProps) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast('Copied');
    } catch {
      // Not over plain http from elsewhere, and not where the browser was told not to.
      toast('The browser does not let this page copy: mark the text and copy it yourself', 'bad');
    }
  };
  return (
    <button type="button" class="button" onClick={copy}>
      <Icon name={icon} />
      {label}
    </button>
  );
}
