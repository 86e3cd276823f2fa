/** What a piece of text means; the face decides how that looks. */
export type Tone = 'good' | 'bad' | 'warning' | 'dim' | 'strong';

/** Colours a piece of text for a terminal. */
export type Paint = (tone: Tone, text: string) => string;

/** For pipes and files: no escape codes. */
export const unpainted: Paint = (_tone, text) => text;
