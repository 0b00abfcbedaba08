import { z } from 'zod';
import { createConnection } from './transport/connection.ts';
import { connectSocket } from './transport/connect-socket.ts';
import { createPortSource } from './transport/port-source.ts';
import { startWindow } from './start-window.tsx';

// The content security policy forbids `new Function`, which zod would otherwise try.
z.config({ jitless: true });

const isServedByLoopbackHost = location.protocol === 'http:' || location.protocol === 'https:';
const nextPort = createPortSource(window);
const root = document.getElementById('root');
if (!root) throw new Error('The page has no place for the window.');
startWindow(
  root,
  createConnection(isServedByLoopbackHost ? () => connectSocket(location) : nextPort),
);
