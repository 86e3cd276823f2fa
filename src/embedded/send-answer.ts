import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Asked, Serve } from './asked.ts';
import type { Fault } from './fault-plan.ts';

interface Meter {
  bytesIn: number;
  bytesOut: number;
  status: number;
}

/** The request's body, counted, and cut or stalled where the fault says so. */
export async function* faultyBody(
  request: IncomingMessage,
  fault: Fault | null,
  meter: Meter,
): AsyncGenerator<Buffer> {
  const limit = fault?.kind === 'cut-upload' || fault?.kind === 'stall-upload' ? fault.afterBytes : null;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (limit !== null && meter.bytesIn + chunk.length > limit) {
      const rest = chunk.subarray(0, limit - meter.bytesIn);
      meter.bytesIn += rest.length;
      if (rest.length > 0) yield rest;
      if (fault?.kind === 'cut-upload') request.socket.destroy();
      else if (!request.socket.destroyed) await once(request.socket, 'close');
      throw new Error('the upload was cut by the fault plan');
    }
    meter.bytesIn += chunk.length;
    yield chunk;
  }
}

/** Serves one request and sends the answer, spoilt by the fault. */
export async function sendAnswer(
  asked: Asked,
  response: ServerResponse,
  serve: Serve,
  fault: Fault | null,
  meter: Meter,
): Promise<void> {
  if (fault?.kind === 'delay') await sleep(fault.ms);
  if (fault?.kind === 'drop') {
    response.destroy();
    return;
  }
  const answer = spoilHeaders(shortCircuit(asked, fault) ?? (await serve(asked)), fault);
  if (fault?.kind === 'lost-answer') {
    response.destroy();
    discard(answer);
    return;
  }
  if (response.destroyed) {
    discard(answer);
    return;
  }
  meter.status = answer.status;
  response.writeHead(answer.status, answer.headers as Record<string, string | string[]>);
  if (asked.method === 'HEAD') {
    discard(answer);
    if (fault?.kind === 'stall') await closed(response);
    else response.end();
    return;
  }
  await sendBody(response, answer, fault, meter);
}

function shortCircuit(asked: Asked, fault: Fault | null): Answer | null {
  if (fault?.kind === 'status') {
    const body = Buffer.from(fault.body ?? '');
    return {
      status: fault.status,
      headers: { 'content-length': String(body.length), ...fault.headers },
      body,
    };
  }
  if (fault?.kind === 'redirect-loop') {
    const query = asked.query.toString();
    const location = `${asked.origin}${asked.path}${query ? `?${query}` : ''}`;
    return { status: 307, headers: { location, 'content-length': '0' }, body: null };
  }
  return null;
}

function spoilHeaders(answer: Answer, fault: Fault | null): Answer {
  const headers: Record<string, string | readonly string[]> = { ...answer.headers };
  if (Buffer.isBuffer(answer.body)) headers['content-length'] = String(answer.body.length);
  if (fault?.kind === 'wrong-digest-header') headers['docker-content-digest'] = `sha256:${'0'.repeat(64)}`;
  if (fault?.kind === 'endless') delete headers['content-length'];
  if (fault?.kind === 'short') {
    headers['content-length'] = String(
      Math.min(fault.bytes, Number(headers['content-length'] ?? fault.bytes)),
    );
  }
  if (fault?.kind === 'headers') {
    for (const [name, value] of Object.entries(fault.headers)) {
      if (value === null) delete headers[name];
      else headers[name] = value;
    }
  }
  return { ...answer, headers };
}

async function sendBody(
  response: ServerResponse,
  answer: Answer,
  fault: Fault | null,
  meter: Meter,
): Promise<void> {
  const limit =
    fault?.kind === 'cut' || fault?.kind === 'stall'
      ? fault.afterBytes
      : fault?.kind === 'short'
        ? fault.bytes
        : Number.POSITIVE_INFINITY;
  for await (const chunk of chunks(answer, fault)) {
    if (response.destroyed) break;
    const room = limit - meter.bytesOut;
    const sent = chunk.length > room ? chunk.subarray(0, room) : chunk;
    meter.bytesOut += sent.length;
    if (sent.length > 0 && !response.write(sent)) await drained(response);
    if (chunk.length > room) {
      if (fault?.kind === 'short') break;
      response.flushHeaders();
      if (fault?.kind === 'stall') await closed(response);
      else response.socket?.destroySoon();
      return;
    }
  }
  if (!response.destroyed) {
    response.end();
    if (!response.writableFinished) await Promise.race([once(response, 'finish'), closed(response)]);
  }
}

async function* chunks(answer: Answer, fault: Fault | null): AsyncGenerator<Buffer> {
  if (fault?.kind === 'endless') {
    discard(answer);
    for (;;) yield Buffer.alloc(64 * 1024, 'endless ');
  }
  let first = true;
  const source = Buffer.isBuffer(answer.body) ? [answer.body] : (answer.body ?? []);
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (first && fault?.kind === 'wrong-bytes') {
      const copy = Buffer.from(chunk);
      copy[0] = (copy[0] ?? 0) ^ 0xff;
      yield copy;
    } else {
      yield chunk;
    }
    first = false;
  }
}

function discard(answer: Answer): void {
  if (answer.body && !Buffer.isBuffer(answer.body)) answer.body.destroy();
}

async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

async function closed(response: ServerResponse): Promise<void> {
  if (response.destroyed || response.closed) return;
  await once(response, 'close');
}
