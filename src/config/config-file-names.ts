/** Where a configuration is looked for, in this order, when `--config` names none. */
export const configFileNames: readonly string[] = ['.holdfast.yaml', '.github/holdfast.yaml'];
