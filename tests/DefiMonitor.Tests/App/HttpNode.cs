using System.Text.Json;
using DefiMonitor.Ethereum.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DefiMonitor.Tests.App;

/// <summary>Serves a node in memory over HTTP, as JSON-RPC, on a port of its own.</summary>
internal sealed class HttpNode : IAsyncDisposable
{
    private readonly WebApplication app;

    private HttpNode(WebApplication app) => this.app = app;

    public string Url => app.Urls.First();

    public static async Task<HttpNode> StartAsync(IRpcTransport node)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var built = builder.Build();
        built.Run(context => AnswerAsync(context, node));
        await built.StartAsync();
        return new HttpNode(built);
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context, IRpcTransport node)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var isBatch = body.RootElement.ValueKind == JsonValueKind.Array;
        var requests = isBatch ? body.RootElement.EnumerateArray().ToList() : [body.RootElement];
        IReadOnlyList<RpcReply> replies;
        try
        {
            replies = await node.SendAsync([.. requests.Select(r => new RpcRequest(r.GetProperty("method").GetString()!, r.GetProperty("params").Clone()))], context.RequestAborted);
        }
        catch (RpcException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var answers = requests.Zip(replies, (request, reply) => reply.Error is { } error
            ? (object)new { jsonrpc = "2.0", id = request.GetProperty("id").Clone(), error = new { code = error.Code, message = error.Message, data = error.Data } }
            : new { jsonrpc = "2.0", id = request.GetProperty("id").Clone(), result = reply.Result });
        await context.Response.WriteAsJsonAsync(isBatch ? answers.ToArray() : answers.Single());
    }
}
