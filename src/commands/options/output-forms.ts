// Separate from the code that prints: each start builds the flags of every command, which needs no YAML library.

/** The output formats of commands that read objects of a cluster. */
export const OBJECT_OUTPUTS = ['table', 'json', 'yaml', 'name'] as const;
export type ObjectOutput = (typeof OBJECT_OUTPUTS)[number];

/** `wide`: the table, with the values of both labels. */
export const AUDIT_OUTPUTS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type AuditOutput = (typeof AUDIT_OUTPUTS)[number];

/** `log`: lines as `serve` logs them, for a Job. */
export const BACKFILL_OUTPUTS = [...OBJECT_OUTPUTS, 'log'] as const;
export type BackfillOutput = (typeof BACKFILL_OUTPUTS)[number];

export const DOCTOR_OUTPUTS = ['table', 'json', 'yaml'] as const;
export type DoctorOutput = (typeof DOCTOR_OUTPUTS)[number];

/** `yaml`: the manifests themselves, labeled. */
export const REVIEW_OUTPUTS = ['table', 'json', 'yaml'] as const;
export type ReviewOutput = (typeof REVIEW_OUTPUTS)[number];

export const WHY_OUTPUTS = ['table', 'json', 'yaml'] as const;
export type WhyOutput = (typeof WHY_OUTPUTS)[number];

export const STATUS_OUTPUTS = ['table', 'json', 'yaml'] as const;
export type StatusOutput = (typeof STATUS_OUTPUTS)[number];
