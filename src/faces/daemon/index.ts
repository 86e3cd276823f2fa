export { type DaemonCall, runDaemon } from './run-daemon.ts';
