// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// The contract that the end-to-end tests and the benchmark deploy: a small ERC-20 with what a test wants beside it.
contract Token {
    string public constant name = "Sallyport Token";
    string public constant symbol = "SPT";
    uint8 public constant decimals = 18;

    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Tick(uint256 indexed number);

    error InsufficientBalance(address owner, uint256 balance, uint256 wanted);

    constructor(uint256 supply) payable {
        totalSupply = supply;
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        move(msg.sender, to, value);
        return true;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        require(allowed >= value, "allowance too low");
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - value;
        move(from, to, value);
        return true;
    }

    function move(address from, address to, uint256 value) private {
        uint256 balance = balanceOf[from];
        if (balance < value) revert InsufficientBalance(from, balance, value);
        balanceOf[from] = balance - value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }

    /// Emits `count` events, numbered from `first`.
    function tick(uint256 first, uint256 count) external {
        for (uint256 i = 0; i < count; i++) emit Tick(first + i);
    }

    /// Burns gas until `rounds` are done.
    function spin(uint256 rounds) external pure returns (uint256 sum) {
        unchecked {
            for (uint256 i = 0; i < rounds; i++) sum += i * i;
        }
    }

    function blockInfo() external view returns (uint256 number, uint256 timestamp, uint256 chainId, uint256 baseFee) {
        return (block.number, block.timestamp, block.chainid, block.basefee);
    }

    function fail(string calldata reason) external pure {
        revert(reason);
    }

    function panic() external pure {
        assert(false);
    }
}
