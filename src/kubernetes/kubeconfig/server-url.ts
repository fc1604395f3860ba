/** The URL of an API server without a slash at the end, as kubectl understands what a kubeconfig says. */
export function serverUrl(server: string): string {
  const url = URL.parse(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(server) ? server : `http://${server}`);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`the server is "${server}", expected a URL such as https://host:port`);
  if (url.username || url.password)
    throw new Error(`the server ${url.host} has a username in its URL; set it in the user entry instead`);
  url.search = '';
  url.hash = '';
  url.pathname = url.pathname.replace(/\/{2,}/g, '/');
  return url.href.replace(/\/$/, '');
}
