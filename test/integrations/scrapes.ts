import { CONFIG_VIEW } from '../e2e/api-server.ts';
import { kubectl } from '../e2e/program.ts';

/** Short enough that the shortest window, 20 s, has enough scrapes even if a busy machine misses some. */
export const SCRAPE_SECONDS = 2;

/** The configuration of a Prometheus that scrapes the current API server, and the targets that a URL lists. */
export async function scrapeFiles(targetsUrl: string): Promise<Readonly<Record<string, string>>> {
  const kubeconfig = await kubectl(CONFIG_VIEW);
  const [{ cluster }] = JSON.parse(kubeconfig).clusters;
  const [{ user }] = JSON.parse(kubeconfig).users;
  const pem = (base64: string) => Buffer.from(base64, 'base64').toString();
  const configuration = {
    global: {
      scrape_interval: `${SCRAPE_SECONDS}s`,
      scrape_timeout: `${SCRAPE_SECONDS}s`,
      evaluation_interval: '1s',
    },
    rule_files: ['rules.json'],
    scrape_configs: [
      {
        job_name: 'apiserver',
        scheme: 'https',
        tls_config: { ca_file: 'ca', cert_file: 'cert', key_file: 'key' },
        static_configs: [{ targets: [new URL(cluster.server).host] }],
        metric_relabel_configs: [
          { source_labels: ['__name__'], regex: 'apiserver_(.+_)?admission_.+', action: 'keep' },
        ],
      },
      {
        job_name: 'service-monitor',
        http_sd_configs: [{ url: targetsUrl, refresh_interval: '1s' }],
      },
    ],
  };
  return {
    'prometheus.json': JSON.stringify(configuration),
    ca: pem(cluster['certificate-authority-data']),
    cert: pem(user['client-certificate-data']),
    key: pem(user['client-key-data']),
  };
}
