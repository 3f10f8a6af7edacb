using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Primitives;

public sealed class Keccak256Tests
{
    [Theory]
    [InlineData("", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData("Größe €", "0xef7d443192af9dd0b69fb1cdf5fa755919bf538796ed954b55c382fb5d1f8bad")]
    public void Known_texts_have_their_known_hash(string text, string hash) => Keccak256.HashUtf8(text).ToString().ShouldBe(hash);

    /// <summary>Topics as they stand in the logs of these contracts.</summary>
    [Theory]
    [InlineData("Transfer(address,address,uint256)", "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")]
    [InlineData("Approval(address,address,uint256)", "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925")]
    [InlineData("Borrow(address,address,address,uint256,uint8,uint256,uint16)", "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0")]
    [InlineData("LiquidationCall(address,address,address,uint256,uint256,address,bool)", "0xe413a321e8681d831f4dbccbca790d2952b56f977908e45be37335533e005286")]
    [InlineData("MintedToTreasury(address,uint256)", "0xbfa21aa5d5f9a1f0120a95e7c0749f389863cbdbfff531aa7339077a5bc919de")]
    [InlineData("DeficitCreated(address,address,uint256)", "0x2bccfb3fad376d59d7accf970515eb77b2f27b082c90ed0fb15583dd5a942699")]
    [InlineData("CreateMarket(bytes32,(address,address,address,address,uint256))", "0xac4b2400f169220b0c0afdde7a0b32e775ba727ea1cb30b35f935cdaab8683ac")]
    [InlineData("AnswerUpdated(int256,uint256,uint256)", "0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f")]
    [InlineData("Upgraded(address)", "0xbc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b")]
    [InlineData("PriceFeedUpdate(bytes32,uint64,int64,uint64)", "0xd06a6b7f4918494b3719217d1802786c1f5112a6c1d88fe2cfec00b4584f6aec")]
    public void Event_signatures_hash_to_their_topics(string signature, string topic) => Keccak256.HashUtf8(signature).ToString().ShouldBe(topic);

    /// <summary>Bytes i mod 251; from an independent implementation whose permutation was checked against SHA3-256.</summary>
    [Theory]
    [InlineData(1, "0xbc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a")]
    [InlineData(135, "0xcbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62")]
    [InlineData(136, "0x7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e")]
    [InlineData(137, "0xac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db")]
    [InlineData(272, "0x8e2476e65823b24d96ebe239f2c1534cdf763e689e2410c3b1cb0c74e6177bfc")]
    [InlineData(1000, "0xaf692982e84a5a9688359025660a7857cd28ee7c8d867cfa1677baf2e6d1f63b")]
    public void Lengths_around_the_136_byte_block_are_padded_right(int length, string hash)
    {
        var data = new byte[length];
        for (var i = 0; i < length; i++)
        {
            data[i] = (byte)(i % 251);
        }

        Keccak256.Hash(data).ToString().ShouldBe(hash);
    }
}
