import { runInputs, settingInputs } from './inputs.ts';

/** Sentences name flags and the variable of the token; here they are inputs. */
export function inInputs(message: string): string {
  const named = message.replace(/\bset GITHUB_TOKEN\b/, 'set the input github-token');
  return named.replace(/--([a-z-]+[a-z])/g, (flag, name: string) => {
    const input = [name, `${name}s`].find(
      (word) => settingInputs.has(word) || Object.hasOwn(runInputs, word),
    );
    return input === undefined ? flag : `the input ${input}`;
  });
}
