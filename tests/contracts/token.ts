// Made from token.sol by solc 0.8.30 (cancun, optimizer 200 runs, no metadata).

export const TOKEN_ABI = [
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "supply",
        "type": "uint256",
      },
    ],
    "stateMutability": "payable",
    "type": "constructor",
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address",
      },
      {
        "internalType": "uint256",
        "name": "balance",
        "type": "uint256",
      },
      {
        "internalType": "uint256",
        "name": "wanted",
        "type": "uint256",
      },
    ],
    "name": "InsufficientBalance",
    "type": "error",
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address",
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "spender",
        "type": "address",
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "value",
        "type": "uint256",
      },
    ],
    "name": "Approval",
    "type": "event",
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "number",
        "type": "uint256",
      },
    ],
    "name": "Tick",
    "type": "event",
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "from",
        "type": "address",
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "to",
        "type": "address",
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "value",
        "type": "uint256",
      },
    ],
    "name": "Transfer",
    "type": "event",
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address",
      },
      {
        "internalType": "address",
        "name": "",
        "type": "address",
      },
    ],
    "name": "allowance",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256",
      },
    ],
    "stateMutability": "view",
    "type": "function",
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "spender",
        "type": "address",
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256",
      },
    ],
    "name": "approve",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool",
      },
    ],
    "stateMutability": "nonpayable",
    "type": "function",
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address",
      },
    ],
    "name": "balanceOf",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256",
      },
    ],
    "stateMutability": "view",
    "type": "function",
  },
  {
    "inputs": [],
    "name": "blockInfo",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "number",
        "type": "uint256",
      },
      {
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256",
      },
      {
        "internalType": "uint256",
        "name": "chainId",
        "type": "uint256",
      },
      {
        "internalType": "uint256",
        "name": "baseFee",
        "type": "uint256",
      },
    ],
    "stateMutability": "view",
    "type": "function",
  },
  {
    "inputs": [],
    "name": "decimals",
    "outputs": [
      {
        "internalType": "uint8",
        "name": "",
        "type": "uint8",
      },
    ],
    "stateMutability": "view",
    "type": "function",
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "reason",
        "type": "string",
      },
    ],
    "name": "fail",
    "outputs": [],
    "stateMutability": "pure",
    "type": "function",
  },
  {
    "inputs": [],
    "name": "name",
    "outputs": [
      {
        "internalType": "string",
        "name": "",
        "type": "string",
      },
    ],
    "stateMutability": "view",
    "type": "function",
  },
  {
    "inputs": [],
    "name": "panic",
    "outputs": [],
    "stateMutability": "pure",
    "type": "function",
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "rounds",
        "type": "uint256",
      },
    ],
    "name": "spin",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "sum",
        "type": "uint256",
      },
    ],
    "stateMutability": "pure",
    "type": "function",
  },
  {
    "inputs": [],
    "name": "symbol",
    "outputs": [
      {
        "internalType": "string",
        "name": "",
        "type": "string",
      },
    ],
    "stateMutability": "view",
    "type": "function",
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "first",
        "type": "uint256",
      },
      {
        "internalType": "uint256",
        "name": "count",
        "type": "uint256",
      },
    ],
    "name": "tick",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function",
  },
  {
    "inputs": [],
    "name": "totalSupply",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256",
      },
    ],
    "stateMutability": "view",
    "type": "function",
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "to",
        "type": "address",
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256",
      },
    ],
    "name": "transfer",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool",
      },
    ],
    "stateMutability": "nonpayable",
    "type": "function",
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "from",
        "type": "address",
      },
      {
        "internalType": "address",
        "name": "to",
        "type": "address",
      },
      {
        "internalType": "uint256",
        "name": "value",
        "type": "uint256",
      },
    ],
    "name": "transferFrom",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool",
      },
    ],
    "stateMutability": "nonpayable",
    "type": "function",
  },
] as const;

export const TOKEN_BYTECODE =
  "0x60806040526040516107e03803806107e0833981016040819052602091606e565b5f81815533808252600160209081526040808420859055518481529192917fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef910160405180910390a3506084565b5f60208284031215607d575f5ffd5b5051919050565b61074f806100915f395ff3fe608060405234801561000f575f5ffd5b50600436106100e5575f3560e01c806370a0823111610088578063a5b6ea8f11610063578063a5b6ea8f14610214578063a9059cbb14610227578063cccfdf1e1461023a578063dd62ed3e1461024d575f5ffd5b806370a08231146101c057806378122f3a146101df57806395d89b41146101f2575f5ffd5b806318160ddd116100c357806318160ddd1461017357806323b872dd14610189578063313ce5671461019c5780634700d305146101b6575f5ffd5b806306fdde03146100e9578063095ea7b31461012d57806315cad55214610150575b5f5ffd5b6101176040518060400160405280600f81526020016e29b0b6363cb837b93a102a37b5b2b760891b81525081565b604051610124919061052b565b60405180910390f35b61014061013b36600461057b565b610277565b6040519015158152602001610124565b604080514381524260208201524691810191909152486060820152608001610124565b61017b5f5481565b604051908152602001610124565b6101406101973660046105a3565b6102e3565b6101a4601281565b60405160ff9091168152602001610124565b6101be61039b565b005b61017b6101ce3660046105dd565b60016020525f908152604090205481565b6101be6101ed3660046105fd565b6103a5565b6101176040518060400160405280600381526020016214d41560ea1b81525081565b61017b61022236600461066b565b6103c1565b61014061023536600461057b565b6103e2565b6101be610248366004610682565b6103f7565b61017b61025b3660046106a2565b600260209081525f928352604080842090915290825290205481565b335f8181526002602090815260408083206001600160a01b038716808552925280832085905551919290917f8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925906102d19086815260200190565b60405180910390a35060015b92915050565b6001600160a01b0383165f9081526002602090815260408083203384529091528120548281101561034f5760405162461bcd60e51b8152602060048201526011602482015270616c6c6f77616e636520746f6f206c6f7760781b60448201526064015b60405180910390fd5b5f1981146103855761036183826106e7565b6001600160a01b0386165f9081526002602090815260408083203384529091529020555b610390858585610440565b506001949350505050565b6103a36106fa565b565b818160405162461bcd60e51b815260040161034692919061070e565b5f805b828110156103dc5780800291909101906001016103c4565b50919050565b5f6103ee338484610440565b50600192915050565b5f5b8181101561043b5761040b818461073c565b6040517fb8c95b3cea6303a753d912e243354ef08add1085ed07d34191514ef1001ef9d8905f90a26001016103f9565b505050565b6001600160a01b0383165f90815260016020526040902054818110156104925760405163db42144d60e01b81526001600160a01b03851660048201526024810182905260448101839052606401610346565b61049c82826106e7565b6001600160a01b038086165f9081526001602052604080822093909355908516815290812080548492906104d190849061073c565b92505081905550826001600160a01b0316846001600160a01b03167fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef8460405161051d91815260200190565b60405180910390a350505050565b602081525f82518060208401528060208501604085015e5f604082850101526040601f19601f83011684010191505092915050565b80356001600160a01b0381168114610576575f5ffd5b919050565b5f5f6040838503121561058c575f5ffd5b61059583610560565b946020939093013593505050565b5f5f5f606084860312156105b5575f5ffd5b6105be84610560565b92506105cc60208501610560565b929592945050506040919091013590565b5f602082840312156105ed575f5ffd5b6105f682610560565b9392505050565b5f5f6020838503121561060e575f5ffd5b823567ffffffffffffffff811115610624575f5ffd5b8301601f81018513610634575f5ffd5b803567ffffffffffffffff81111561064a575f5ffd5b85602082840101111561065b575f5ffd5b6020919091019590945092505050565b5f6020828403121561067b575f5ffd5b5035919050565b5f5f60408385031215610693575f5ffd5b50508035926020909101359150565b5f5f604083850312156106b3575f5ffd5b6106bc83610560565b91506106ca60208401610560565b90509250929050565b634e487b7160e01b5f52601160045260245ffd5b818103818111156102dd576102dd6106d3565b634e487b7160e01b5f52600160045260245ffd5b60208152816020820152818360408301375f818301604090810191909152601f909201601f19160101919050565b808201808211156102dd576102dd6106d356";

/** The length of the deployed code. */
export const TOKEN_RUNTIME_BYTES = 1871;
