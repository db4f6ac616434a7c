import type { Stack } from 'aws-cdk-lib'
import * as backup from 'aws-cdk-lib/aws-backup'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'

/**
 * A second copy, in a vault that outlives what it is of: automated backups of a database go with it, and whoever may
 * delete the one may delete the other. Here a recovery point cannot be deleted for 35 days.
 */
export function backupPlan(stack: Stack, key: kms.Key, resources: string[]): void {
  const vault = new backup.CfnBackupVault(stack, 'BackupVault', {
    backupVaultName: stack.stackName,
    encryptionKeyArn: key.keyArn,
    lockConfiguration: { minRetentionDays: 35 },
  })
  const rule = (ruleName: string, scheduleExpression: string, deleteAfterDays: number) => ({
    ruleName,
    scheduleExpression,
    targetBackupVault: vault.ref,
    lifecycle: { deleteAfterDays },
  })
  const plan = new backup.CfnBackupPlan(stack, 'BackupPlan', {
    backupPlan: {
      backupPlanName: stack.stackName,
      backupPlanRule: [rule('daily', 'cron(30 2 * * ? *)', 35), rule('monthly', 'cron(30 3 1 * ? *)', 400)],
    },
  })
  const role = new iam.Role(stack, 'BackupRole', {
    assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
    managedPolicies: [
      iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSBackupServiceRolePolicyForBackup'),
      iam.ManagedPolicy.fromAwsManagedPolicyName('AWSBackupServiceRolePolicyForS3Backup'),
    ],
  })
  new backup.CfnBackupSelection(stack, 'BackupSelection', {
    backupPlanId: plan.ref,
    backupSelection: { selectionName: 'data', iamRoleArn: role.roleArn, resources },
  })
}
