/** What a client without an accepted certificate is told, where one is required. `doctor` knows the webhook by it. */
export const CLIENT_CERTIFICATE_REQUIRED = 'a client certificate is required';
