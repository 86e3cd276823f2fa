import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes connections on to a port of loopback, until they are cut. */
export interface TcpProxy {
  readonly port: number;
  /** Cuts every connection that is open, as a load balancer that is restarted does; how many that were. */
  drop(): number;
  close(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  const drop = (): number => {
    const count = open.size;
    for (const socket of open) socket.destroy();
    return count;
  };
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    open.add(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => {
      open.delete(near);
      far.destroy();
    });
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    drop,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      drop();
      await closed;
    },
  };
}
