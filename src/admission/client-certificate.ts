/** The message for a client without an accepted certificate, if one is required. `doctor` recognizes the webhook by it. */
export const CLIENT_CERTIFICATE_REQUIRED = 'a client certificate is required';
