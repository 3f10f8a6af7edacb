using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Tests.Sinks;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("https://mainnet.example.io/v3/0123456789abcdef", "https://mainnet.example.io")]
    [InlineData("wss://user:pass@node.example.org:8546/key?x=1#y", "wss://node.example.org")]
    [InlineData("no url", "<url>")]
    public void Of_a_url_only_scheme_and_host_are_shown(string url, string shown) => Redaction.Origin(url).ShouldBe(shown);

    [Fact]
    public void Secrets_are_found_by_their_shape_wherever_they_stand()
    {
        var shown = Redaction.ByShape.Text(
            "POST https://api.telegram.org/bot12345678:AAabcdefghijklmnopqrstuvwxyz012345678/sendMessage failed; token 12345678:AAabcdefghijklmnopqrstuvwxyz012345678, key whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, see (http://10.0.0.1:8545/secret).");

        shown.ShouldContain("https://api.telegram.org");
        shown.ShouldContain("http://10.0.0.1");
        shown.ShouldNotContain("AAabc");
        shown.ShouldNotContain("MfKQ");
        shown.ShouldNotContain("secret");
    }

    [Fact]
    public void Secrets_of_the_configuration_are_hidden_by_value()
    {
        var redaction = new Redaction(new SinksSettings
        {
            Sinks =
            [
                new WebhookSinkSettings { Name = "bot", Url = "https://hooks.example.org/T000/B000/XXXX", Keys = ["odd-but-secret"] },
                new TelegramSinkSettings { Name = "phone", Token = "1:odd-token", ChatId = "1" },
            ],
            DeadMan = new DeadManSettings("https://ping.example.org/uuid-uuid"),
        }.Secrets());

        redaction.Text("odd-but-secret 1:odd-token T000/B000/XXXX https://ping.example.org/uuid-uuid")
            .ShouldBe("<hidden> <hidden> T000/B000/XXXX https://ping.example.org");
    }

    [Fact]
    public void An_error_is_one_bounded_line()
    {
        var error = Redaction.ByShape.Error("a\r\nb\u001b[31m" + new string('x', 1000));

        error.ShouldStartWith("a  b[31m");
        error.Length.ShouldBe(300);
    }
}
