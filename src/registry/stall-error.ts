/** The connection stood still for too long. */
export class StallError extends Error {
  readonly code = 'ESTALLED';
}
