using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Benchmarks.Backfill;

/// <summary>Serves a canned chain as JSON-RPC over HTTP, so fast that it is nobody's limit: an answer is a piece of memory.</summary>
internal static class CannedNode
{
    /// <summary>Prints the URL, then serves until it is ended.</summary>
    public static async Task ServeAsync(string[] args)
    {
        var chain = new CannedChain(new Arguments(args).Number("logs", 200_000));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(context => AnswerAsync(context, chain));
        await app.StartAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"url={app.Urls.First()} blocks={chain.Last} logs={chain.Count}"));
        await app.WaitForShutdownAsync();
    }

    private static async Task AnswerAsync(HttpContext context, CannedChain chain)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var parts = new List<ReadOnlyMemory<byte>>();
        if (body.RootElement.ValueKind == JsonValueKind.Array)
        {
            var separator = "["u8.ToArray();
            foreach (var request in body.RootElement.EnumerateArray())
            {
                parts.Add(separator);
                separator = ","u8.ToArray();
                Answer(request, chain, parts);
            }

            parts.Add("]"u8.ToArray());
        }
        else
        {
            Answer(body.RootElement, chain, parts);
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = parts.Sum(static p => (long)p.Length);
        foreach (var part in parts)
        {
            context.Response.BodyWriter.Write(part.Span);
            if (part.Length > 64 * 1024)
            {
                await context.Response.BodyWriter.FlushAsync();
            }
        }

        await context.Response.BodyWriter.FlushAsync();
    }

    private static void Answer(JsonElement request, CannedChain chain, List<ReadOnlyMemory<byte>> parts)
    {
        parts.Add(Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":{request.GetProperty("id").GetRawText()},"));
        var parameters = request.TryGetProperty("params", out var given) ? given : default;
        switch (request.GetProperty("method").GetString())
        {
            case "eth_chainId":
                parts.Add("\"result\":\"0x1\""u8.ToArray());
                break;
            case "eth_blockNumber":
                parts.Add(Encoding.ASCII.GetBytes($"\"result\":\"0x{chain.Head:x}\""));
                break;
            case "eth_getBlockByNumber":
                var number = Number(parameters[0], chain);
                parts.Add("\"result\":"u8.ToArray());
                parts.Add(number <= chain.Head ? chain.BlockOf(number, parameters[1].GetBoolean()) : "null"u8.ToArray());
                break;
            case "eth_getLogs":
                var (from, to) = (Number(parameters[0].GetProperty("fromBlock"), chain), Number(parameters[0].GetProperty("toBlock"), chain));
                parts.Add("\"result\":["u8.ToArray());
                if (from <= chain.Head && from <= to)
                {
                    parts.Add(chain.LogsOf(from, Math.Min(to, chain.Head)));
                }

                parts.Add("]"u8.ToArray());
                break;
            default:
                parts.Add("\"error\":{\"code\":-32601,\"message\":\"the method does not exist/is not available\"}"u8.ToArray());
                break;
        }

        parts.Add("}"u8.ToArray());
    }

    private static int Number(JsonElement tag, CannedChain chain)
    {
        var text = tag.GetString()!;
        return text.StartsWith("0x", StringComparison.Ordinal) ? int.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : text == "earliest" ? 0 : chain.Head;
    }
}
