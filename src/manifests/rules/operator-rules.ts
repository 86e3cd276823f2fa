/** Where the custom resources of one operator name images, and where that is written down. */
export interface OperatorRules {
  /** The type or the CustomResourceDefinition. */
  readonly source: string;
  /** Fields apart by spaces, for kinds apart by spaces after their apiVersion; one key for each format. */
  readonly reference?: Readonly<Record<string, string>>;
  readonly repository?: Readonly<Record<string, string>>;
  readonly tag?: Readonly<Record<string, string>>;
  readonly map?: Readonly<Record<string, string>>;
}
