/** Whether an address is reached from this machine only: `localhost`, `127.0.0.1`, `::1`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

/** Host and port as they are written in one, an IPv6 address in brackets. */
export function addressText({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
