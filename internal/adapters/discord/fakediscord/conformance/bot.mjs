// A small bot that uses what the fake claims to support. It says what it hears;
// conformance_test.go plays the people and checks what they see.
import {
  ActionRowBuilder, ButtonBuilder, ButtonStyle, ChannelType, Client, Events, GatewayIntentBits, MessageFlags,
  ModalBuilder, Partials, TextInputBuilder, TextInputStyle,
} from 'discord.js';

const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
  partials: [Partials.Channel],
  rest: { api: `${process.env.DISCORD_API_URL}api` },
  allowedMentions: { parse: [] },
});

client.once(Events.ClientReady, () => client.application.commands.set([
  {
    name: 'settings', description: 'Show settings', nameLocalizations: { de: 'einstellungen' },
    options: [{ type: 3, name: 'provider', description: 'Provider', required: true, autocomplete: true }],
  },
  { type: 3, name: 'Test mail settings' },
]));

const again = new ActionRowBuilder().addComponents(
  new ButtonBuilder().setCustomId('why').setLabel('Warum?').setStyle(ButtonStyle.Primary));

client.on(Events.InteractionCreate, async (i) => {
  if (i.isAutocomplete()) {
    await i.respond([{ name: 'GMX', value: 'gmx' }]);
  } else if (i.isMessageContextMenuCommand()) {
    await i.reply({ content: `zu: ${i.targetMessage.content}`, flags: MessageFlags.Ephemeral });
  } else if (i.isChatInputCommand()) {
    await i.deferReply();
    await i.editReply({ content: `für ${i.options.getString('provider')} auf ${i.locale}`, components: [again] });
    await i.followUp({ content: 'nur für dich', flags: MessageFlags.Ephemeral });
  } else if (i.isButton()) {
    await i.showModal(new ModalBuilder().setCustomId('why').setTitle('Warum?').addComponents(
      new ActionRowBuilder().addComponents(
        new TextInputBuilder().setCustomId('text').setLabel('Grund').setStyle(TextInputStyle.Short))));
  } else if (i.isModalSubmit()) {
    await i.update({ content: `weil ${i.fields.getTextInputValue('text')}`, components: [] });
  }
});

client.on(Events.MessageCreate, async (m) => {
  if (m.author.bot) return;
  if (m.channel.type !== ChannelType.GuildText) {
    await m.channel.send({ content: `direkt: ${m.content} @everyone`, enforceNonce: true, nonce: m.id });
    return;
  }
  const thread = await m.startThread({ name: 'Frage', autoArchiveDuration: 60 });
  const sent = await thread.send('läuft');
  await sent.edit(`gehört: ${m.cleanContent || 'nichts'}`);
});

process.on('unhandledRejection', (e) => { console.error(e); process.exit(1); });
client.on(Events.Error, (e) => { console.error(e); process.exit(1); });
await client.login(process.env.DISCORD_TOKEN);
