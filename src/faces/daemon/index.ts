export { type DaemonCall, type DaemonIo, runDaemon } from './run-daemon.ts';
