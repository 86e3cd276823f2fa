import { styleText } from 'node:util';
import { type Paint, type Tone, unpainted } from '../../report/index.ts';
import type { Io, Sink } from './io.ts';

type Format = Parameters<typeof styleText>[0];

const formats: Readonly<Record<Tone, Format>> = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  dim: 'gray',
  strong: 'bold',
};

/** Colours for a terminal; none for a pipe, for `--no-color`, NO_COLOR (no-color.org) and terminals that have none. */
export function choosePaint(sink: Sink, io: Io, noColor: boolean): Paint {
  if (!sink.isTTY || noColor || io.env['NO_COLOR'] || io.env['TERM'] === 'dumb') return unpainted;
  // The stream was looked at above; Node 22 and later would look at its own stdout again.
  return (tone, text) => styleText(formats[tone], text, { validateStream: false });
}
