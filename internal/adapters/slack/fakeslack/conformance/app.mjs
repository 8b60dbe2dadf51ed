// A small app in @slack/bolt. MODE is "socket" or "http"; it prints one JSON
// line for each thing that it notices, for conformance_test.go to read.
import bolt from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';

const { App, LogLevel } = bolt;
const env = process.env;
const report = (what, more = {}) => process.stdout.write(JSON.stringify({ what, ...more }) + '\n');
const clientOptions = { slackApiUrl: env.SLACK_API_URL, retryConfig: { retries: 2, minTimeout: 10, maxTimeout: 50 } };
const endpoints = ['/slack/events', '/slack/commands', '/slack/actions'];

const app = new App({
  token: env.SLACK_BOT_TOKEN,
  appToken: env.SLACK_APP_TOKEN,
  signingSecret: env.SLACK_SIGNING_SECRET,
  socketMode: env.MODE === 'socket',
  endpoints: env.MODE === 'http' ? endpoints : undefined,
  clientOptions,
  logLevel: LogLevel.ERROR,
});

const button = { type: 'button', action_id: 'again', text: { type: 'plain_text', text: 'Again' }, value: 'gmx' };

app.event('app_mention', async ({ event, say, context }) => {
  report('mention', { text: event.text, retry: context.retryNum ?? 0 });
  await say({
    thread_ts: event.ts,
    text: 'hello',
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: '*hello*' } },
      { type: 'actions', elements: [button] },
    ],
  });
});

app.message(async ({ message }) => report('message', { channel_type: message.channel_type, text: message.text }));

app.action('again', async ({ ack, body, action, client, respond }) => {
  await ack();
  report('action', { value: action.value });
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: 'pressed' });
  await respond({ text: 'only you see this', response_type: 'ephemeral', replace_original: false });
});

app.command('/test', async ({ ack, command, respond }) => {
  await ack({ text: `working on ${command.text}` });
  report('command', { text: command.text });
  await respond({ text: 'done', response_type: 'in_channel' });
});

app.shortcut('ask', async ({ ack, shortcut, client }) => {
  await ack();
  const opened = await client.views.open({
    trigger_id: shortcut.trigger_id,
    view: {
      type: 'modal',
      callback_id: 'ask',
      title: { type: 'plain_text', text: 'Ask' },
      submit: { type: 'plain_text', text: 'Go' },
      blocks: [{
        type: 'input', block_id: 'target', label: { type: 'plain_text', text: 'Target' },
        element: { type: 'plain_text_input', action_id: 'target' },
      }],
    },
  });
  report('view', { id: opened.view.id });
});

app.view('ask', async ({ ack, view }) => {
  const { value } = view.state.values.target.target;
  if (value === 'bad') {
    await ack({ response_action: 'errors', errors: { target: 'no' } });
    return;
  }
  await ack();
  report('submitted', { value });
});

app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({
    user_id: event.user,
    view: { type: 'home', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'home' } }] },
  });
  report('home');
});

// What the Web API must refuse, in the words of the official client.
async function refusals() {
  const refused = async (call) => {
    try {
      await call();
      return 'ok';
    } catch (e) {
      return e.data?.error ?? e.code;
    }
  };
  const { client } = app;
  report('refusals', {
    blocks: await refused(() => client.chat.postMessage({ channel: env.CHANNEL, text: 'x', blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] })),
    channel: await refused(() => client.chat.postMessage({ channel: 'C9', text: 'x' })),
    thread: await refused(() => client.chat.postMessage({ channel: env.CHANNEL, text: 'x', thread_ts: '1.1' })),
    locale: (await client.users.info({ user: env.USER_ID, include_locale: true })).user.locale,
  });
}

// A second connection of the plain Socket Mode client, which survives a disconnect.
async function plainSocket() {
  const client = new SocketModeClient({ appToken: env.SLACK_APP_TOKEN, clientOptions, logLevel: 'error' });
  client.on('connected', () => report('connected'));
  client.on('slack_event', async ({ ack, type }) => {
    await ack();
    report('plain', { type });
  });
  await client.start();
}

if (env.MODE === 'plain') {
  await plainSocket();
} else {
  if (env.MODE === 'http') {
    const server = await app.start(0);
    report('listening', { port: server.address().port });
  } else {
    await app.start();
  }
  await refusals();
}
report('ready');
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
