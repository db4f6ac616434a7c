import {
  type App,
  BootstraplessSynthesizer,
  CfnOutput,
  type IStackSynthesizer,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib'
import type { EnvironmentConfig } from './config.ts'

export const nameOf = (config: EnvironmentConfig): string => `openhcs-${config.environment}`

/** A stack that needs neither the CDK's command line nor its bootstrap: a template, and nothing beside it. */
export function openStack(app: App, config: EnvironmentConfig, id: string, description: string): Stack {
  return new Stack(app, id, {
    stackName: `${nameOf(config)}-${id}`,
    description,
    env: { region: config.region }, // the account is whichever deploys; zones and regional names need the region
    synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer, // exactOptionalPropertyTypes is not the CDK's
    terminationProtection: !config.ephemeral,
  })
}

/** What becomes of a resource that holds something when its stack is deleted. */
export const keepUnless = (config: EnvironmentConfig): RemovalPolicy =>
  config.ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN

export function output(stack: Stack, id: string, value: string, description: string): void {
  new CfnOutput(stack, id, { value, description })
}
