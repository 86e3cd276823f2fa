import { parseImageReference } from '../../reference/index.ts';
import { isFalseFriend } from '../find-other-images.ts';

/**
 * Whether one value of many, as arguments and variables have them, is a reference with a tag or a digest. `called` is
 * the flag or the variable that it is of: where that speaks of an image, all but the address of a host (`db.example.com:5432`)
 * is one. Others are times (`12:30`), hosts and paths with a port (`redis:6379`, `api/v1:8080`), users (`root:secret`),
 * weights (`--weight=web:10`).
 */
export function saysImage(written: string, called: string): boolean {
  const parsed = parseImageReference(written);
  if (!parsed.ok || isFalseFriend(written)) return false;
  const { tag, digest } = parsed.value;
  if (digest !== null) return true;
  if (tag === null) return false;
  const slash = written.indexOf('/');
  if (slash === -1 && /^(?:localhost:|[^:]*\.)/.test(written)) return false;
  if (/image|img/i.test(called)) return true;
  if (slash !== -1) return /[.:]/.test(written.slice(0, slash)) || !isPort(tag);
  const isVersion = /^v?\d{1,3}(?:[._-]|$)/.test(tag) || tag === 'latest';
  return called === '' && /^[a-z]/.test(written) && isVersion && !isPort(tag);
}

function isPort(tag: string): boolean {
  return /^(?:80|443|\d{4,5})$/.test(tag);
}
