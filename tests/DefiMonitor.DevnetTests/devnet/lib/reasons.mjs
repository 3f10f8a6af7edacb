import { toFunctionSelector } from 'viem';
import { compiled } from './artifacts.mjs';

let names;

function errorNames() {
  const { LiquidationLogic, PoolInstance } = compiled();
  const errors = [...LiquidationLogic.abi, ...PoolInstance.abi].filter((e) => e.type === 'error');
  return new Map(errors.map((e) => [toFunctionSelector(`${e.name}(${e.inputs.map((i) => i.type).join(',')})`), e.name]));
}

/** Why a call failed, in short. Aave 3.6 says it by a custom error, 3.0.2 by a number of its Errors library in text (45: the health factor is not below 1). */
export function explain(error) {
  names ??= errorNames();
  return names.get(error.data?.slice(0, 10)) ?? error.message.replace(/^eth_call: /, '');
}
